import { readFileSync } from 'node:fs'
import { moto } from '../../cluster/local/machines/moto.ts'
import type { Places } from '../../cluster/local/machines/places.ts'
import { until } from './patience.ts'

/** Wait until the network follows everything that was asked of EC2 until now: then what does not get through is refused. */
export const settled = async (places: Places, endpoint: string) => {
  const { version } = await moto(endpoint).changes(-1, 0)
  const applied = () => Number(readFileSync(places.applied, 'utf8'))
  await until(`the network follows version ${version} of the API`, 60, () => applied() >= version, applied)
}
