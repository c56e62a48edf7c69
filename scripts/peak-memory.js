// Loaded into a measured process: writes its peak resident memory, in KiB, to descriptor 3 when it ends.
import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(3, `${process.resourceUsage().maxRSS}`))
