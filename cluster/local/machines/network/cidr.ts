const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const text = (value: number) => [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')

const parse = (cidr: string) => {
  const [address = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  return { first: Math.floor(number(address) / size) * size, size, bits: Number(bits) }
}

/** The n-th address of a network: its router is the first, its name server the second. */
export const nth = (cidr: string, n: number) => text(parse(cidr).first + n)

export const bits = (cidr: string) => parse(cidr).bits

export const mask = (cidr: string) => text(2 ** 32 - parse(cidr).size)

/** Whether the network has all addresses of the other one (or that one address). */
export const contains = (cidr: string, other: string) => {
  const [outer, inner] = [parse(cidr), parse(other)]
  return outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size
}

export const overlap = (a: string, b: string) => contains(a, b) || contains(b, a)
