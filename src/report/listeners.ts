import type { Event } from '../model/event.ts'

/** The event of one type. */
type EventOf<T extends Event['type']> = Extract<Event, { readonly type: T }>

/** What to do on each type of event; the compiler asks for every one of them. */
export type Listeners<R = void> = { readonly [T in Event['type']]: (event: EventOf<T>) => R }

/** Hands an event to its listener. */
export function listen<R>(event: Event, listeners: Listeners<R>): R {
  // The map's type ties every listener to its event; the compiler cannot follow that through an index.
  return (listeners[event.type] as (event: Event) => R)(event)
}
