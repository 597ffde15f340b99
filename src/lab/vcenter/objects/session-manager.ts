import type { Arguments, Input } from '../../../connect/govmomi/schema/values.ts'
import { createCollector } from '../collector/collector.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { Session } from '../model/session.ts'
import type { World } from '../model/world.ts'
import { singletonsOf } from '../singletons.ts'

/** Makes where clients log in and out; a session gets a property collector of its own. */
export function createSessionManager(world: World): ManagedObject {
  const { sessionManager, propertyCollector } = singletonsOf(world.seed.kind)
  const describe = ({ key, userName, loginTime }: Session): Input<'UserSession'> => ({
    key,
    userName,
    fullName: userName,
    loginTime: new Date(loginTime).toISOString(),
    lastActiveTime: new Date(world.clock.now()).toISOString(),
    locale: 'en',
    messageLocale: 'en',
  })
  const manager: ManagedObject = {
    ref: sessionManager,
    properties: { sessionList: () => [], currentSession: () => undefined },
    methods: {
      Login: method(({ userName, password }: Arguments<'Login'>, { session }) => {
        if (userName !== world.seed.username || password !== world.seed.password.reveal())
          throw faults.invalidLogin()
        const collector = createCollector(world, session, propertyCollector)
        const belongings = world.sessions.objectsOf(session)
        belongings.set(propertyCollector.value, collector)
        // Who asks who he is has to get an answer of his own.
        const own = { currentSession: () => describe(session), sessionList: () => [describe(session)] }
        belongings.set(sessionManager.value, { ...manager, properties: own })
        return describe(session)
      }),
      Logout: method((_: unknown, { session }) => world.sessions.end(session)),
    },
  }
  return manager
}
