// Lets Node run TypeScript as it is: tsx strips the types, also inside node_modules, where Node itself refuses to.
import { register } from 'tsx/esm/api'

// The commands' first lines keep them small: parsing the EC2 client leaves much freed memory behind, which glibc keeps for
// each thread apart, and a young generation of 1 MiB is enough for a program that waits for the network.
register()
