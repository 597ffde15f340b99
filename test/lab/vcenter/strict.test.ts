import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { makeFolder, openRig, removeFolder, SEED, type RawAnswer, type Rig } from './rig.ts'

const VIM = 'xmlns="urn:vim25"'
const SERVICE = '<_this type="ServiceInstance">ServiceInstance</_this>'

describe('the lab’s vCenter over raw SOAP', () => {
  let rig: Rig
  let cookie: string
  beforeAll(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    cookie = cookieOf(await logIn('administrator@vsphere.local', 'pa&quot;ss&lt;w&gt;&amp;ord'))
  })
  afterAll(async () => {
    await rig.close()
    await removeFolder(rig.folder)
  })

  const logIn = (user: string, password: string): Promise<RawAnswer> =>
    rig.soap(
      `<Login ${VIM}><_this type="SessionManager">SessionManager</_this>` +
        `<userName>${user}</userName><password>${password}</password></Login>`,
    )

  const cookieOf = (answer: RawAnswer): string =>
    String([answer.headers['set-cookie']].flat()[0]).split(';', 1)[0] ?? ''

  it('says what it is to anybody, and gives a cookie with quotes to whoever logs in', async () => {
    const content = await rig.soap(`<RetrieveServiceContent ${VIM}>${SERVICE}</RetrieveServiceContent>`)
    expect(content.status).toBe(200)
    expect(content.text).toContain('<rootFolder type="Folder">')
    expect(content.text).toContain('<apiType>VirtualCenter</apiType>')
    expect(cookie).toMatch(/^vmware_soap_session="[0-9a-f]{40}"$/)
  })

  it('refuses a wrong password and a call without a session, each with its fault and status 500', async () => {
    const wrong = await logIn('administrator@vsphere.local', 'wrong')
    expect(wrong.status).toBe(500)
    expect(wrong.text).toMatch(/<InvalidLoginFault [^>]*xsi:type="InvalidLogin"/)
    expect(wrong.headers['set-cookie']).toBeUndefined()
    const outside = await rig.soap(`<CurrentTime ${VIM}>${SERVICE}</CurrentTime>`)
    expect(outside.status).toBe(500)
    expect(outside.text).toMatch(/<NotAuthenticatedFault/)
  })

  it('ends a session at logout', async () => {
    const own = cookieOf(await logIn('administrator@vsphere.local', 'pa&quot;ss&lt;w&gt;&amp;ord'))
    const time = `<CurrentTime ${VIM}>${SERVICE}</CurrentTime>`
    expect((await rig.soap(time, own)).status).toBe(200)
    await rig.soap(`<Logout ${VIM}><_this type="SessionManager">SessionManager</_this></Logout>`, own)
    expect((await rig.soap(time, own)).text).toContain('NotAuthenticatedFault')
  })

  const options = (inner: string): string =>
    `<UpdateOptions ${VIM}><_this type="OptionManager">EsxHostAdvSettings-host-9</_this>${inner}</UpdateOptions>`

  it.each([
    {
      what: 'fields in the wrong order',
      body:
        `<WaitForUpdatesEx ${VIM}><_this type="PropertyCollector">propertyCollector</_this>` +
        '<options><maxObjectUpdates>1</maxObjectUpdates><maxWaitSeconds>0</maxWaitSeconds></options></WaitForUpdatesEx>',
      fault: /InvalidRequestFault/,
      words: /Unexpected element tag "maxWaitSeconds" seen/,
    },
    {
      what: 'a field that the type does not have',
      body: `<CurrentTime ${VIM}>${SERVICE}<zone>UTC</zone></CurrentTime>`,
      fault: /InvalidRequestFault/,
      words: /Unexpected element tag "zone" seen/,
    },
    {
      what: 'a required field that is missing',
      body:
        `<RetrievePropertiesEx ${VIM}><_this type="PropertyCollector">propertyCollector</_this>` +
        '<specSet><propSet><type>Folder</type></propSet><objectSet><skip>false</skip></objectSet></specSet>' +
        '<options/></RetrievePropertiesEx>',
      fault: /InvalidRequestFault/,
      words: /Required property obj is missing from data object of type ObjectSpec/,
    },
    {
      what: 'a subtype that is none of the declared type',
      body: `<ReconfigVM_Task ${VIM}><_this type="VirtualMachine">vm-1</_this><spec xsi:type="TaskInfo"/></ReconfigVM_Task>`,
      fault: /InvalidRequestFault/,
      words: /is no VirtualMachineConfigSpec/,
    },
    {
      what: 'a value without a type where any may stand',
      body: options('<changedValue><key>Net.ReversePathFwdCheckPromisc</key><value>1</value></changedValue>'),
      fault: /InvalidRequestFault/,
      words: /has no xsi:type/,
    },
    {
      what: 'text that is no number',
      body:
        `<PutUsbScanCodes ${VIM}><_this type="VirtualMachine">vm-1</_this>` +
        '<spec><keyEvents><usbHidCode>enter</usbHidCode></keyEvents></spec></PutUsbScanCodes>',
      fault: /InvalidRequestFault/,
      words: /is not a valid int/,
    },
    {
      what: 'a method that nobody has',
      body: `<DestroyEverything ${VIM}>${SERVICE}</DestroyEverything>`,
      fault: /MethodNotFoundFault/,
      words: /does not have the method 'DestroyEverything'/,
    },
    {
      what: 'a method that the object does not have',
      body: `<PowerOnVM_Task ${VIM}>${SERVICE}</PowerOnVM_Task>`,
      fault: /MethodNotFoundFault/,
      words: /ServiceInstance/,
    },
    {
      what: 'an object that is not there',
      body: `<PowerOnVM_Task ${VIM}><_this type="VirtualMachine">vm-0</_this></PowerOnVM_Task>`,
      fault: /<ManagedObjectNotFoundFault [^>]*><obj type="VirtualMachine">vm-0<\/obj>/,
      words: /has already been deleted/,
    },
    { what: 'what is no XML', body: '<CurrentTime', fault: /InvalidRequestFault/, words: /XML/ },
  ])('refuses $what', async ({ body, fault, words }) => {
    const answer = await rig.soap(body, cookie)
    expect(answer.status).toBe(500)
    expect(answer.text).toMatch(fault)
    expect(answer.text.replaceAll('&quot;', '"')).toMatch(words)
  })

  it('refuses a document type, so that no entity can be declared', async () => {
    const answer = await rig.send({
      path: '/sdk',
      method: 'POST',
      body: '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
    })
    expect(answer.status).toBe(500)
    expect(answer.text).toContain('document type')
  })

  it('shrugs off what is no TLS, no HTTP, and a body that never ends', async () => {
    const signal = AbortSignal.timeout(5000)
    for (const noise of ['GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001\uffff\uffff', 'x'.repeat(100_000)]) {
      const socket = await rig.network.dial({ host: SEED.host, port: 443 }, { signal })
      socket.on('error', () => {})
      const closed = new Promise((resolve) => void socket.once('close', resolve))
      socket.resume().end(noise)
      await closed
    }
    const status = await rig.send({ path: '/sdk', method: 'POST', body: Buffer.alloc(65 * 2 ** 20) }).then(
      (answer) => answer.status,
      () => 413,
    )
    expect(status).toBe(413)
    expect((await rig.send({ path: '/sdk/vimServiceVersions.xml' })).status).toBe(200)
  })

  it('lists the versions it speaks, and has no other pages', async () => {
    const versions = await rig.send({ path: '/sdk/vimServiceVersions.xml' })
    expect(versions.text).toContain('<version>8.0.3.0</version>')
    expect((await rig.send({ path: '/ui' })).status).toBe(404)
    expect((await rig.send({ path: '/screen?id=vm-1' })).status).toBe(401)
    expect((await rig.send({ path: '/nfc/none/disk-0.vmdk', method: 'POST', body: 'x' })).status).toBe(404)
    expect((await rig.send({ path: '/folder/x?dsName=ssd-1', headers: { cookie } })).status).toBe(404)
  })
})
