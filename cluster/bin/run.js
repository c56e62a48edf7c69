// Runs TypeScript as it is where Node can strip the types by itself, and compiled where it cannot: before 22.18, and in an
// installed package, for Node refuses to inside node_modules.
import * as module from 'node:module'

/** Runs one of the programs, given as the URL of its source. */
export async function run(program) {
  // The commands' first lines keep them small: parsing the EC2 client leaves much freed memory behind, which glibc keeps for
  // each thread apart, and a young generation of 1 MiB is enough for a program that waits for the network.
  //
  // The SDK's advice on Node versions is for developers, not for the person who runs kube-up.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // What was compiled is kept for the next command, from Node 22.1 on: https://nodejs.org/api/module.html#module-compile-cache
  module.enableCompileCache?.()
  if (process.features.typescript && !program.pathname.includes('/node_modules/')) return import(program.href)
  const { compiled } = await import('./compiled.js')
  return import(await compiled(program))
}
