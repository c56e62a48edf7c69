import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import type { Cluster } from '../cluster.ts'

const discovery = 'k8s.io/cluster-autoscaler'

/** By which the autoscaler finds the groups that it may resize: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/aws */
export const discoveryTags = ({ name }: Cluster) =>
  [
    { Key: `${discovery}/enabled`, Value: 'true' },
    { Key: `${discovery}/${name}`, Value: 'owned' },
  ].map(tag => ({ ...tag, PropagateAtLaunch: false }))

export const isAutoscaled = ({ Tags }: AutoScalingGroup): boolean =>
  Tags?.some(({ Key }) => Key === `${discovery}/enabled`) ?? false
