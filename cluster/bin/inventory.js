#!/usr/bin/env node
import './register.js'

await import('../inventory.ts')
