import ipaddr from 'ipaddr.js'

export { contains, nth, overlap } from '../../../aws/cidr.ts'

/** The length of a network's prefix. */
export const bits = (network: string) => ipaddr.IPv4.parseCIDR(network)[1]

export const mask = (network: string) => ipaddr.IPv4.subnetMaskFromPrefixLength(bits(network)).toString()
