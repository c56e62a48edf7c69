import { existsSync, readdirSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import { following } from './lifetime.ts'
import { readNotes } from './machine.ts'
import { machinePlaces, places as placesOf } from './places.ts'
import { recall } from './processes.ts'
import { resident } from './resident.ts'
import { stageOf } from './stage.ts'

/** The machines as they are now, without asking moto: it may be gone. */
export const status = (dir: string) => {
  const places = placesOf(dir)
  const machines = existsSync(places.machines) ? readdirSync(places.machines) : []
  return {
    daemon: following(dir),
    machines: machines.flatMap(id => {
      const notes = readNotes(places, id)
      if (!notes) return []
      const running = recall(machinePlaces(places, id).process) !== undefined
      const stage = running ? stageOf(machinePlaces(places, id).console) : 'off'
      return [{ ...notes, stage, residentMiB: resident(places, id) }]
    }),
  }
}

/** One machine by its id, its Name tag or an address of it. @throws UserError with those there are. */
export const find = (dir: string, which: string | undefined) => {
  const { machines } = status(dir)
  const found = machines.filter(one => [one.instance, one.name, one.address, one.publicAddress].includes(which))
  if (found[0] && found.length === 1) return found[0]
  const known = machines.map(one => `${one.instance}${one.name ? ` (${one.name})` : ''}`).join(', ') || 'none'
  throw new UserError(
    `Which machine? ${which ? `"${which}" is ${found.length === 0 ? 'none' : 'several'} of them. ` : ''}They are: ${known}.`,
  )
}
