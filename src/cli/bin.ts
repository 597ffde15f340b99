#!/usr/bin/env node
import { survivePipes } from './broken-pipe.ts'
import { main } from './main.ts'

survivePipes([process.stdout, process.stderr])

process.exitCode = await main(process.argv.slice(2))
