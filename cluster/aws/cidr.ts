import ipaddr from 'ipaddr.js'

/** Whether the text is a plain dotted-quad IPv4 address. */
export const isAddress = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text)

/** Whether the text is an IPv4 network in CIDR form, written with its network address (172.20.0.0/24, not 172.20.0.9/24). */
export const isNetwork = (text: string): boolean => {
  const [address = '', bits = '', ...rest] = text.split('/')
  if (rest.length > 0 || !isAddress(address) || !/^(\d|[12]\d|3[0-2])$/.test(bits)) return false
  return ipaddr.IPv4.networkAddressFromCIDR(text).toString() === ipaddr.IPv4.parse(address).toString()
}

/** Whether the network `outer` holds all of `inner`, a network or a single address. */
export const contains = (outer: string, inner: string): boolean => {
  const [network, bits] = ipaddr.IPv4.parseCIDR(outer)
  const [address, innerBits] = ipaddr.IPv4.parseCIDR(inner.includes('/') ? inner : `${inner}/32`)
  return innerBits >= bits && address.match(network, bits)
}

/** Whether two networks share an address: then one holds the other. */
export const overlap = (a: string, b: string): boolean => contains(a, b) || contains(b, a)

/** How many addresses a network has, its network and broadcast address included. */
export const size = (network: string): number => 2 ** (32 - ipaddr.IPv4.parseCIDR(network)[1])

/** The nth address of a network: the 9th of 172.20.0.0/24 is 172.20.0.9. */
export const nth = (network: string, n: number): string => {
  const first = ipaddr.IPv4.networkAddressFromCIDR(network)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0)
  return [24, 16, 8, 0].map(shift => Math.floor((first + n) / 2 ** shift) % 256).join('.')
}
