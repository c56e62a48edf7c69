#!/usr/bin/env node
import './register.js'

await import('../kube-down.ts')
