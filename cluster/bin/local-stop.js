#!/usr/bin/env node
import './register.js'

await import('../local/stop.ts')
