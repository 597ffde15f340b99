import { defineSchema } from '#sdk'

import { endpoints } from './endpoints.ts'
import { lab, rehearse } from './lab.ts'
import { levels } from './levels.ts'
import { rules } from './rules/rules.ts'

/** What an inventory of Virtual Service Edges describes: tenant, sites, clusters, nodes. */
export const vse = defineSchema({ name: 'vse', levels, rules, endpoints, lab, rehearse })
