// Lets Node run TypeScript as it is: tsx strips the types, also inside node_modules, where Node itself refuses to.
import { register } from 'tsx/esm/api'

// The commands' first lines keep them small: parsing the EC2 client leaves much freed memory behind, which glibc keeps for
// each thread apart, and a young generation of 1 MiB is enough for a program that waits for the network.
//
// The SDK's advice on Node versions is for developers, not for the person who runs kube-up.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
register()
