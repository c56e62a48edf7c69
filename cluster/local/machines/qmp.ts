import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

type Answer = { return?: unknown; error?: { class: string; desc: string }; event?: string; data?: unknown; id?: number }

/** QEMU's control socket: one JSON object per line, and one caller at a time, so every talk is short. */
export class Qmp {
  private readonly socket: Socket
  private readonly waiting = new Map<number, (answer: Answer) => void>()
  private next = 1

  private constructor(socket: Socket) {
    this.socket = socket
    createInterface({ input: socket }).on('line', line => {
      const answer = JSON.parse(line) as Answer
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer)
    })
    const lost = () => {
      for (const settle of this.waiting.values()) settle({ error: { class: 'Gone', desc: 'QEMU is gone' } })
    }
    socket.on('error', lost).on('close', lost)
  }

  static async talk<T>(path: string, what: (qmp: Qmp) => Promise<T>, patienceMs = 15_000): Promise<T> {
    const socket = connect(path)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const late = setTimeout(() => socket.destroy(new Error('QEMU does not answer')), patienceMs)
    const qmp = new Qmp(socket)
    try {
      await qmp.execute('qmp_capabilities')
      return await what(qmp)
    } finally {
      clearTimeout(late)
      socket.destroy()
    }
  }

  execute<T = unknown>(command: string, args: Record<string, unknown> = {}): Promise<T> {
    // Nobody would answer any more.
    if (this.socket.destroyed) return Promise.reject(new Error(`QEMU does not hear ${command}: it is gone`))
    const id = this.next++
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, answer => {
        this.waiting.delete(id)
        if (answer.error) reject(new Error(`QEMU refuses ${command}: ${answer.error.desc}`))
        else resolve(answer.return as T)
      })
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
    })
  }
}
