#!/usr/bin/env node
import { run } from './run.js'

await run(new URL('../local/stop.ts', import.meta.url))
