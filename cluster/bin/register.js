// Lets Node run TypeScript as it is. Where Node cannot strip the types by itself tsx does: before 22.18, and in an
// installed package, for Node refuses to inside node_modules.
import * as module from 'node:module'

// The commands' first lines keep them small: parsing the EC2 client leaves much freed memory behind, which glibc keeps for
// each thread apart, and a young generation of 1 MiB is enough for a program that waits for the network.
//
// The SDK's advice on Node versions is for developers, not for the person who runs kube-up.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
// What was compiled is kept for the next command, from Node 22.1 on: https://nodejs.org/api/module.html#module-compile-cache
module.enableCompileCache?.()
if (!process.features.typescript || import.meta.url.includes('/node_modules/')) {
  const { register } = await import('tsx/esm/api')
  register()
}
