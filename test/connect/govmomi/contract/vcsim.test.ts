import { describeWith } from '../../../support/require-server.ts'
import { IS_THOROUGH } from '../../../support/thorough.ts'
import { vcsimAndGovc } from '../../../support/vcsim/vcsim.ts'
import { describeContract } from './contract.ts'
import { openVcsimServer } from './vcsim-server.ts'

describeWith('vcsim', vcsimAndGovc, (program) => {
  describeContract('vcsim', 'vcenter', () => openVcsimServer(program, 'vcenter'))
  describeContract('vcsim -esx', 'esxi', () => openVcsimServer(program, 'esxi'))
  if (!IS_THOROUGH) return
  describeContract('vcsim -plain', 'vcenter', () => openVcsimServer(program, 'vcenter', { plain: true }))
})
