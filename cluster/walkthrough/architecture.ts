/** A part of the cluster as the diagram shows it. */
export interface Part {
  readonly key: string
  readonly title: string
  /** The part that it lies in. */
  readonly inside?: string
  /** The steps that make and remove it, by their names in the journal; without any it is just there. */
  readonly up?: string
  readonly down?: string
  /** The call that makes it, and a text that its parameters hold, where one step makes several. */
  readonly made?: string
  readonly named?: string
  /** The part that it takes the place of: a cluster has one or the other. */
  readonly insteadOf?: string
}

/** Who has to do with whom, from the step on that says so. */
export interface Relation {
  readonly from: string
  readonly to: string
  readonly label: string
  readonly up: string
}

/** What a cluster is made of, from the outside to the inside. */
export const parts: readonly Part[] = [
  { key: 'internet', title: 'Internet, and you' },
  { key: 'account', title: 'Your AWS account' },
  {
    key: 'master-role',
    title: 'Role of the master',
    inside: 'account',
    up: 'name',
    down: 'IAM roles',
    made: 'CreateRole',
    named: '-master',
  },
  {
    key: 'node-role',
    title: 'Role of the nodes',
    inside: 'account',
    up: 'IAM roles',
    down: 'IAM roles',
    made: 'CreateRole',
    named: '-minion',
  },
  { key: 'region', title: 'Region', inside: 'account' },
  { key: 'bucket', title: 'S3 bucket', inside: 'region', up: 'S3 bucket', down: 'S3 bucket', made: 'CreateBucket' },
  { key: 'key', title: 'Key pair', inside: 'region', up: 'key pair', down: 'key pair', made: 'ImportKeyPair' },
  {
    key: 'address',
    title: 'Elastic IP',
    inside: 'region',
    up: 'master address',
    down: 'master address',
    made: 'AllocateAddress',
  },
  {
    key: 'template',
    title: 'Launch template',
    inside: 'region',
    up: 'launch template',
    down: 'launch template',
    made: 'CreateLaunchTemplate',
  },
  {
    key: 'configuration',
    title: 'Launch configuration',
    inside: 'region',
    insteadOf: 'template',
    up: 'launch configuration',
    down: 'launch configuration',
    made: 'CreateLaunchConfiguration',
  },
  { key: 'vpc', title: 'VPC', inside: 'region', up: 'VPC', down: 'VPC', made: 'CreateVpc' },
  {
    key: 'gateway',
    title: 'Internet gateway',
    inside: 'vpc',
    up: 'internet gateway',
    down: 'internet gateway',
    made: 'CreateInternetGateway',
  },
  {
    key: 'routes',
    title: 'Route table',
    inside: 'vpc',
    up: 'route table',
    down: 'route table',
    made: 'CreateRouteTable',
  },
  {
    key: 'master-group',
    title: "Master's firewall",
    inside: 'vpc',
    up: 'security groups',
    down: 'security groups',
    made: 'CreateSecurityGroup',
    named: '-master-',
  },
  {
    key: 'node-group',
    title: "Nodes' firewall",
    inside: 'vpc',
    up: 'security groups',
    down: 'security groups',
    made: 'CreateSecurityGroup',
    named: '-minion-',
  },
  { key: 'zone', title: 'Availability Zone', inside: 'vpc', up: 'subnet', down: 'subnet' },
  {
    key: 'volume',
    title: "Master's volume",
    inside: 'zone',
    up: 'master volume',
    down: 'volumes',
    made: 'CreateVolume',
  },
  { key: 'subnet', title: 'Subnet', inside: 'zone', up: 'subnet', down: 'subnet', made: 'CreateSubnet' },
  { key: 'master', title: 'Master', inside: 'subnet', up: 'master', down: 'instances', made: 'RunInstances' },
  {
    key: 'group',
    title: 'Auto Scaling group',
    inside: 'subnet',
    up: 'nodes',
    down: 'nodes',
    made: 'CreateAutoScalingGroup',
  },
  { key: 'node', title: 'Node', inside: 'group', up: 'nodes running', down: 'nodes' },
]

/** What holds others is drawn around them. */
export const holds = (key: string): boolean => parts.some(part => part.inside === key)

export const relations: readonly Relation[] = [
  { from: 'internet', to: 'gateway', label: '', up: 'internet gateway' },
  { from: 'routes', to: 'gateway', label: 'the world', up: 'route table' },
  { from: 'subnet', to: 'routes', label: 'asks', up: 'route table' },
  { from: 'routes', to: 'master', label: "master's pods", up: 'master connected' },
  { from: 'internet', to: 'master-group', label: 'SSH, API', up: 'security groups' },
  { from: 'internet', to: 'node-group', label: 'SSH', up: 'security groups' },
  { from: 'master-group', to: 'node-group', label: 'everything', up: 'security groups' },
  { from: 'node-group', to: 'master-group', label: 'everything', up: 'security groups' },
  { from: 'master-group', to: 'master', label: 'guards', up: 'master' },
  { from: 'node-group', to: 'group', label: 'guards', up: 'nodes' },
  { from: 'master-role', to: 'master', label: 'rights of', up: 'master' },
  { from: 'node-role', to: 'group', label: 'rights of', up: 'nodes' },
  { from: 'volume', to: 'master', label: 'disk of', up: 'master connected' },
  { from: 'address', to: 'master', label: 'leads to', up: 'master connected' },
  { from: 'template', to: 'group', label: 'recipe of', up: 'nodes' },
  { from: 'configuration', to: 'group', label: 'recipe of', up: 'nodes' },
]
