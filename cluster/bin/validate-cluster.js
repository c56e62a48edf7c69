#!/usr/bin/env node
import './register.js'

await import('../validate-cluster.ts')
