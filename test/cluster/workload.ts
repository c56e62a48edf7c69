import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packImage } from '../../cluster/release/image.ts'
import { folder, on } from './place.ts'

const image = 'kube-up.invalid/echo:1'

/** Two copies of a small server, on different nodes, behind a service. */
export const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: echo}
spec:
  replicas: 2
  selector: {matchLabels: {app: echo}}
  template:
    metadata: {labels: {app: echo}}
    spec:
      containers: [{name: echo, image: '${image}', imagePullPolicy: Never}]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: echo}}}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec:
  type: NodePort
  selector: {app: echo}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
stringData: {word: plainly-readable}
`

/** A claim of the default StorageClass, and a pod that has it. */
export const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: keeper}
spec:
  containers: [{name: echo, image: '${image}', imagePullPolicy: Never, volumeMounts: [{name: kept, mountPath: /kept}]}]
  volumes: [{name: kept, persistentVolumeClaim: {claimName: kept}}]
`

/** Builds its image, and puts it on machines: no registry is asked. */
export async function bring(nodes: string[]): Promise<void> {
  const root = join(folder, 'echo')
  mkdirSync(root, { recursive: true })
  const source = fileURLToPath(new URL('echo/main.go', import.meta.url))
  execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', join(root, 'echo'), source], {
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
  })
  const archive = join(folder, 'echo.tar')
  await packImage({ name: image, architecture: 'amd64', root, entrypoint: ['/echo'] }, archive)
  const script = `base64 -d > /tmp/echo.tar <<'END'\n${readFileSync(archive).toString('base64')}\nEND
ctr --namespace k8s.io images import /tmp/echo.tar`
  await Promise.all(nodes.map(node => on(node, script)))
}
