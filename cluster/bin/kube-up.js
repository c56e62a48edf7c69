#!/usr/bin/env node
import './register.js'

await import('../kube-up.ts')
