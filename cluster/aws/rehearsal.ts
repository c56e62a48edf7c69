import type { InitializeMiddleware, MetadataBearer } from '@smithy/types'
import { asks } from './journal.ts'
import type { MiddlewareClient } from './record-calls.ts'
import { answers, type Input, isPlanned } from './rehearsed-answers.ts'

type Group = { AutoScalingGroupName?: string; DesiredCapacity?: number; Status?: string; Instances?: object[] }
type Machine = { InstanceId?: string; State?: { Name?: string } }

/**
 * Lets the story be told without anything happening: whatever would change something is answered here, in AWS's form and
 * with ids such as `vpc-(kubernetes-vpc)`, and never sent. What asks goes to AWS, unless it asks about something that
 * is only planned. So plan and story are the same code, and cannot differ.
 */
export class Rehearsal {
  /** Names, which unlike planned ids look like real ones: of the bucket that is not there yet. */
  readonly #names = new Set<unknown>()
  readonly #groups = new Map<unknown, Input>()
  readonly #machines = new Map<unknown, Machine>()
  #later = false

  /** What a wait does instead of sleeping: from now on machines have started, and groups have what they keep. */
  timePasses(): void {
    this.#later = true
  }

  /** Stands between the client and AWS from now on. */
  on(client: MiddlewareClient): void {
    const middleware: InitializeMiddleware<Input, MetadataBearer> = (next, context) => async args => {
      const action = (context.commandName ?? '').replace(/Command$/, '')
      const output = !asks(action)
        ? this.#change(action, args.input)
        : this.#isAbout(args.input)
          ? this.#tell(action, args.input)
          : undefined
      if (output) return { output: { $metadata: {}, ...output }, response: undefined }
      const result = await next(args)
      return { ...result, output: { ...result.output, ...this.#seen(action, result.output as never) } }
    }
    client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'rehearsal' })
  }

  #change(action: string, input: Input): object {
    const output = answers[action]?.(input) ?? {}
    if (action === 'CreateBucket') this.#names.add(input.Bucket)
    if (/AutoScalingGroup$/.test(action)) this.#groups.set(input.AutoScalingGroupName, input)
    if (action === 'RunInstances')
      for (const one of (output as { Instances: Machine[] }).Instances) this.#machines.set(one.InstanceId, one)
    if (action === 'StartInstances') for (const id of input.InstanceIds ?? []) this.#machines.set(id, {})
    return output
  }

  /** Whether the question is about something that AWS does not know, for it is only planned. */
  #isAbout(input: Input): boolean {
    return (
      isPlanned(input) ||
      Object.values(input).some(value => this.#names.has(value)) ||
      input.AutoScalingGroupNames?.some(name => this.#groups.get(name)?.Tags) === true
    )
  }

  #tell(action: string, input: Input): object {
    if (/^(Get|Head)Object$/.test(action)) throw Object.assign(new Error('It is only planned.'), { name: 'NoSuchKey' })
    if (action === 'DescribeAutoScalingGroups')
      return { AutoScalingGroups: [...this.#groups.values()].map(group => this.#grown(group)) }
    if (action === 'DescribeInstances') {
      const known = (input.InstanceIds ?? []).flatMap(id => this.#machines.get(id) ?? [])
      return { Reservations: [{ Instances: known.map(running) }] }
    }
    return {}
  }

  /** What AWS said, and over it what this run would have changed by now. */
  #seen(action: string, output: Input): object {
    if (action === 'DescribeAutoScalingGroups') {
      const groups = (output.AutoScalingGroups ?? []) as Group[]
      const there = groups.filter(group => !(this.#later && group.Status))
      return { AutoScalingGroups: there.map(group => this.#grown(group)) }
    }
    if (action === 'DescribeInstances') {
      const reservations = (output.Reservations ?? []) as { Instances?: Machine[] }[]
      const now = (one: Machine) => (this.#later || this.#machines.has(one.InstanceId) ? running(one) : one)
      return { Reservations: reservations.map(some => ({ ...some, Instances: some.Instances?.map(now) })) }
    }
    return {}
  }

  #grown(group: Group): Group {
    const changed = this.#groups.get(group.AutoScalingGroupName)
    if (!changed && !this.#later) return group
    const Instances = Array.from({ length: changed?.DesiredCapacity ?? group.DesiredCapacity ?? 0 }, () => ({
      LifecycleState: 'InService',
    }))
    return { ...group, ...changed, Instances }
  }
}

/** A machine that starts has started; one that ends goes on ending. */
const running = (one: Machine): Machine =>
  /^(shutting-down|terminated)$/.test(one.State?.Name ?? '') ? one : { ...one, State: { Name: 'running' } }
