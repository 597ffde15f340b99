import type { VSphereReader } from '#sdk'

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

/** What a virtual machine wants to know. */
export type Question = NonNullable<Machine['question']>

/** Questions that have one safe answer, whichever node asks. Any other one is for a person. */
const ANSWERS: readonly { readonly topic: string; readonly label: RegExp }[] = [
  // A copy takes an identity and MAC addresses of its own: two machines can never end up with the same.
  { topic: 'msg.uuid.altered', label: /copied/i },
  // The drive is empty: nothing of the appliance is ever on a CD.
  { topic: 'msg.cdromdisconnect.locked', label: /^(yes|disconnect)/i },
]

/** The choice that answers a question, where it is a known one; undefined where a person has to decide. */
export function selectAnswer({ topic, choices }: Question): Question['choices'][number] | undefined {
  const known = ANSWERS.find((answer) => answer.topic === topic)
  return known === undefined ? undefined : choices.find(({ label }) => known.label.test(label))
}
