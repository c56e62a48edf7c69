import { createServer as createProxy } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import type { V1Node, V1PersistentVolume, V1Pod, V1Service } from '@kubernetes/client-node'
import type { Files } from '../../cluster/certificates.ts'

/** What stands for an API server: it answers with what the test put into it, to whoever has a certificate of the cluster's. */
export interface FakeApi {
  /** The way to it: whatever address is asked for, the proxy leads here. */
  readonly proxy: string
  /** What was asked of the proxy, host and port. */
  readonly reached: string[]
  /** What was asked of the API server, method and path, with the name in the caller's certificate. */
  readonly asked: string[]
  /** Until then the proxy says that nobody is there. */
  up: boolean
  ready: string
  nodes: V1Node[]
  pods: V1Pod[]
  services: V1Service[]
  volumes: V1PersistentVolume[]
  /** What a DELETE of this path does. */
  deleted(path: string): void
  stop(): Promise<void>
}

const listen = (server: Server) =>
  new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

/** @param files the cluster's identity, as its bucket holds it. */
export async function fakeApi(files: Files): Promise<FakeApi> {
  const [cert, key, ca] = [files['apiserver.crt'], files['apiserver.key'], files['ca.crt']]
  if (!cert || !key || !ca) throw new Error('this is no identity')
  const api = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (request, answer) => {
    const { pathname } = new URL(request.url ?? '', 'https://api')
    const { CN } = (
      request.socket as never as { getPeerCertificate(): { subject: { CN: string } } }
    ).getPeerCertificate().subject
    fake.asked.push(`${CN} ${request.method} ${pathname}`)
    const send = (status: number, body: unknown) => {
      answer.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' })
      answer.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (request.method === 'DELETE') {
      fake.deleted(pathname)
      return send(200, { kind: 'Status', apiVersion: 'v1', status: 'Success' })
    }
    if (pathname === '/readyz') return send(/^\[-\]/m.test(fake.ready) ? 500 : 200, fake.ready)
    const lists: Record<string, readonly object[]> = {
      '/api/v1/nodes': fake.nodes,
      '/api/v1/namespaces/kube-system/pods': fake.pods,
      '/api/v1/pods': fake.pods,
      '/api/v1/services': fake.services,
      '/api/v1/persistentvolumes': fake.volumes,
    }
    const items = lists[pathname]
    return items
      ? send(200, { apiVersion: 'v1', metadata: {}, items })
      : send(404, { kind: 'Status', code: 404, message: pathname })
  })
  const port = await listen(api)
  const sockets = new Set<Socket>()
  const proxy = createProxy((_, answer) => answer.writeHead(405).end())
  proxy.on('connect', (request, caller: Socket) => {
    fake.reached.push(request.url ?? '')
    sockets.add(caller)
    caller.on('error', () => {})
    if (!fake.up) return caller.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const onward = connect(port, '127.0.0.1', () => {
      caller.write('HTTP/1.1 200 Connection established\r\n\r\n')
      caller.pipe(onward).pipe(caller)
    })
    onward.on('error', () => caller.destroy())
    return caller.on('close', () => onward.destroy())
  })
  const fake: FakeApi = {
    proxy: `http://127.0.0.1:${await listen(proxy)}`,
    reached: [],
    asked: [],
    up: true,
    ready: '[+]ping ok\n[+]etcd ok\nreadyz check passed\n',
    nodes: [],
    pods: [],
    services: [],
    volumes: [],
    deleted: () => {},
    async stop() {
      for (const socket of sockets) socket.destroy()
      api.closeAllConnections()
      await Promise.all([api, proxy].map(server => new Promise(resolve => server.close(resolve))))
    },
  }
  return fake
}

/** A node that is, or is not, Ready. */
export const node = (instance: string, ready = true): V1Node => ({
  metadata: { name: `node-of-${instance}` },
  spec: { providerID: `aws:///us-west-2a/${instance}` },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', message: 'as the test says' }] },
})

/** All the pods that a cluster of the default settings needs. */
export const systemPods = (): V1Pod[] =>
  [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'cloud-controller-manager',
    'coredns',
    'metrics-server',
    'ebs-csi-controller',
    'ebs-csi-node',
  ].map(name => ({
    metadata: { name: `${name}-1`, namespace: 'kube-system' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }))
