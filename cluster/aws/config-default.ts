import { supportedVersions } from '../release/pins.ts'
import {
  address,
  boolean,
  type Check,
  callers,
  distribution,
  duration,
  ended,
  id,
  integer,
  matching,
  network,
  oneOf,
  optional,
  path,
  tags,
  zone,
} from './checks.ts'
import { nth } from './cidr.ts'
import { type Env, read } from './config.ts'

/** The text that another variable has, given or by default. */
export type Value = (name: string) => string

export interface Variable<T> {
  /** What it is when nobody says otherwise; a function where that follows from other variables. */
  readonly default: string | ((value: Value) => string)
  /** The default in words, for the table that people read, where the default is a function. */
  readonly inWords?: string
  readonly means: string
  readonly check: Check<T>
}

const is = <T>(value: Variable<T>['default'], check: Check<T>, means: string, inWords?: string): Variable<T> => ({
  default: value,
  means,
  check,
  ...(inWords !== undefined && { inWords }),
})

const local = (value: Value) => value('KUBERNETES_PROVIDER') === 'local'
const region = (value: Value) => /^[a-z]{2,4}(-[a-z]+)+?-\d+/.exec(value('KUBE_AWS_ZONE'))?.[0] ?? ''
const upTo = (count: string, ...sizes: [number, string][]) => sizes.find(([most]) => Number(count) <= most)?.[1] ?? ''

const instanceType = matching(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type, such as t3.small')
// The other types need IOPS to be given, or cannot be booted from.
const volumeType = oneOf('gp3', 'gp2', 'standard')
const gibibytes = integer(1, 16384)
const ami = optional(id('ami'))

/**
 * Every variable: its default, what it means, and what it may be. `--help` and the README's table are printed from here.
 * The names are those of the original `config-default.sh`.
 */
export const variables = {
  KUBERNETES_PROVIDER: is(
    'aws',
    oneOf('aws', 'local'),
    'Where the cluster lives: your AWS account, or an AWS to practise on, on this machine',
  ),
  KUBE_LOCAL_MACHINES: is(
    'true',
    boolean,
    'With local: whether the instances really boot, as QEMU machines on this computer, and Kubernetes runs on them',
  ),
  KUBE_AWS_ZONE: is('us-west-2a', zone, 'The Availability Zone; the region is the one it belongs to'),
  KUBE_AWS_INSTANCE_PREFIX: is(
    'kubernetes',
    matching(
      /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
      'at most 40 lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen',
    ),
    "The cluster's name: the beginning of every resource's name, and the value of its owner tag",
  ),
  NUM_NODES: is(
    value => (local(value) ? '2' : '4'),
    integer(0, 5000),
    'How many nodes the Auto Scaling group keeps',
    '4; 2 with local',
  ),
  MASTER_SIZE: is(
    value =>
      upTo(
        value('NUM_NODES'),
        [5, 'c7i-flex.large'],
        [10, 'm7i-flex.large'],
        [100, 'm7i.xlarge'],
        [250, 'm7i.2xlarge'],
        [500, 'm7i.4xlarge'],
        [Infinity, 'm7i.8xlarge'],
      ),
    instanceType,
    "The master's instance type",
    'c7i-flex.large, growing with NUM_NODES',
  ),
  NODE_SIZE: is(
    value => upTo(value('NUM_NODES'), [49, 't3.small'], [149, 't3.medium'], [Infinity, 't3.large']),
    instanceType,
    "The nodes' instance type",
    't3.small, growing with NUM_NODES',
  ),
  MASTER_DISK_TYPE: is('gp3', volumeType, "The type of the master's persistent volume, where etcd lives"),
  MASTER_DISK_SIZE: is('20', gibibytes, 'Its size in GiB'),
  MASTER_ROOT_DISK_TYPE: is('gp3', volumeType, "The type of the master's root volume"),
  MASTER_ROOT_DISK_SIZE: is('16', gibibytes, 'Its size in GiB'),
  NODE_ROOT_DISK_TYPE: is('gp3', volumeType, "The type of the nodes' root volumes"),
  NODE_ROOT_DISK_SIZE: is('32', gibibytes, 'Their size in GiB'),
  AWS_S3_BUCKET: is(
    '',
    optional(
      matching(
        /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
        'a bucket name: 3 to 63 lower-case letters, digits and hyphens',
      ),
    ),
    'A bucket to stage the release in; one that exists already is used and never deleted',
    'a bucket of its own',
  ),
  AWS_S3_REGION: is(
    region,
    matching(/^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a region, such as us-west-2'),
    "The bucket's region",
    "the cluster's region",
  ),
  AWS_SSH_KEY: is('~/.ssh/kube_aws_rsa', path, 'The private key to reach the machines with; made when it is missing'),
  AWS_IMAGE: is('', ami, "The master's image (AMI), and the nodes'", 'the newest of KUBE_OS_DISTRIBUTION'),
  KUBE_NODE_IMAGE: is(value => value('AWS_IMAGE'), ami, "The nodes' image (AMI)", "the master's"),
  KUBE_OS_DISTRIBUTION: is(
    'debian',
    distribution,
    'The distribution whose newest image is taken: debian, ubuntu or flatcar',
  ),
  VPC_NAME: is(
    'kubernetes-vpc',
    matching(/^[\p{L}\p{N} +\-.=_:/@]{1,256}$/u, 'the value of a Name tag'),
    "The VPC's Name tag",
  ),
  VPC_ID: is('', optional(id('vpc')), 'A VPC of yours to build in; it is never deleted', 'a VPC of its own'),
  SUBNET_ID: is(
    '',
    optional(id('subnet')),
    'A subnet of yours in VPC_ID to build in; it is never deleted',
    'a subnet of its own',
  ),
  KUBE_VPC_CIDR_BASE: is(
    '172.20',
    matching(
      /^(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/,
      'the first two numbers of an IPv4 network, such as 172.20',
    ),
    "The first half of the VPC's network; the rest is .0.0/16",
  ),
  KUBE_SUBNET_CIDR: is(
    value => `${value('KUBE_VPC_CIDR_BASE')}.0.0/24`,
    network,
    "The subnet's network, within the VPC's",
    '172.20.0.0/24',
  ),
  MASTER_INTERNAL_IP: is(
    value => nth(value('KUBE_SUBNET_CIDR'), 9),
    address,
    "The master's private address",
    "the subnet's .9",
  ),
  MASTER_RESERVED_IP: is(
    '',
    text => (text === 'auto' ? undefined : optional(address)(text)),
    'An Elastic IP of yours for the master; it is never released',
    'an Elastic IP of its own',
  ),
  CLUSTER_IP_RANGE: is('10.244.0.0/16', network, "The pods' network; every node gets a /24 of it"),
  SERVICE_CLUSTER_IP_RANGE: is('10.0.0.0/16', network, "The services' network"),
  DNS_SERVER_IP: is(
    value => nth(value('SERVICE_CLUSTER_IP_RANGE'), 10),
    address,
    "The cluster's DNS server",
    'the .10 of SERVICE_CLUSTER_IP_RANGE',
  ),
  DNS_DOMAIN: is(
    'cluster.local',
    matching(
      /^(?=.{1,253}$)(?!.*[^.]{64})[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
      'a DNS domain, such as cluster.local',
    ),
    "The cluster's DNS domain",
  ),
  MASTER_IP_RANGE: is('10.246.0.0/24', network, "The network of the master's own pods"),
  NON_MASQUERADE_CIDR: is('10.0.0.0/8', network, 'Traffic to this network keeps its pod address'),
  SSH_CIDR: is(
    value => (local(value) ? '198.51.100.1/32' : 'auto'),
    callers,
    'Who may use SSH: networks with commas between, or auto, the address this computer is seen with',
    'auto; 198.51.100.1/32 with local',
  ),
  HTTP_API_CIDR: is(
    '0.0.0.0/0',
    callers,
    'Who may reach the API, which demands a client certificate: networks with commas between, or auto',
  ),
  KUBE_ENABLE_NODE_PUBLIC_IP: is(
    'true',
    boolean,
    'Whether nodes get public addresses, their way out without a NAT gateway',
  ),
  NODE_SPOT_PRICE: is(
    '',
    optional(matching(/^(?=.*[1-9])\d{1,4}(\.\d{1,5})?$/, 'a price in US dollars per hour, such as 0.05')),
    'The most to pay for a node per hour on the spot market',
    'on demand',
  ),
  KUBE_USE_EXISTING_MASTER: is('false', boolean, 'Add nodes in another zone to a cluster whose master runs already'),
  KUBE_NODE_LAUNCH: is(
    'template',
    oneOf('template', 'configuration'),
    'What the group launches nodes from; AWS refuses launch configurations to accounts made since 2024',
  ),
  KUBE_TAGS: is('', tags, 'Extra tags on every resource: k=v,k=v', 'none'),
  KUBE_ENABLE_CLUSTER_DNS: is('true', boolean, 'Whether CoreDNS answers for the names of services'),
  KUBE_ENABLE_CLUSTER_MONITORING: is(
    'metrics-server',
    oneOf('metrics-server', 'none'),
    'What measures the pods, for kubectl top and autoscaling',
  ),
  KUBE_ENABLE_DEFAULT_STORAGE_CLASS: is(
    'true',
    boolean,
    'Whether claims of pods get encrypted EBS volumes by default, which the EBS CSI driver makes and kube-down deletes',
  ),
  KUBE_ENABLE_NODE_LOGGING: is('false', ended('fluentd', 'Fluent Bit'), 'Ended with the original: install Fluent Bit'),
  KUBE_ENABLE_CLUSTER_LOGGING: is('false', ended('Elasticsearch', 'Loki'), 'Ended with the original: install Loki'),
  KUBE_LOGGING_DESTINATION: is('', ended('Elasticsearch', 'Loki'), 'Ended with the original: install Loki', 'none'),
  KUBE_ENABLE_CLUSTER_UI: is('false', ended('Dashboard', 'Headlamp'), 'Ended with the original: install Headlamp'),
  KUBE_ENABLE_CLUSTER_AUTOSCALER: is(
    'false',
    boolean,
    'Whether the cluster autoscaler adds and removes nodes, beginning with NUM_NODES',
  ),
  KUBE_AUTOSCALER_MIN_NODES: is(
    value => (value('NUM_NODES') === '0' ? '0' : '1'),
    integer(0, 5000),
    'The fewest nodes that the autoscaler leaves',
    '1, or NUM_NODES if that is 0',
  ),
  KUBE_AUTOSCALER_MAX_NODES: is(
    value => value('NUM_NODES'),
    integer(0, 5000),
    'The most nodes that it may ask for, and you may have to pay for',
    'NUM_NODES',
  ),
  KUBE_CONFIG_CONTEXT: is(
    value => `aws_${value('KUBE_AWS_INSTANCE_PREFIX')}`,
    matching(/^[^\p{Cc}]{1,256}$/u, 'the name of a kubectl context'),
    "The cluster's kubectl context",
    'aws_ and KUBE_AWS_INSTANCE_PREFIX',
  ),
  KUBECONFIG: is('~/.kube/config', path, 'The kubectl configuration that holds it'),
  KUBE_WAIT: is(
    value => (!local(value) ? '15m' : value('KUBE_LOCAL_MACHINES') === 'true' ? '45m' : '0'),
    duration,
    'How long to wait for Kubernetes to be ready; 0 returns as soon as the instances run',
    '15m; with local 45m, and 0 where machines do not boot',
  ),
  KUBERNETES_VERSION: is(
    supportedVersions[0] ?? '',
    oneOf(...supportedVersions),
    `The version of Kubernetes: ${supportedVersions.join(' or ')}`,
  ),
  KUBERNETES_SERVER_TAR: is(
    '',
    optional(path),
    'A server tarball on disk to take instead of the official one; every machine then fetches all of it',
    'downloaded; built or a stand-in with local',
  ),
  KUBE_COMPONENTS_TAR: is(
    '',
    optional(path),
    'The same for all else the machines run, addons too: a tar with bin, cni, images and salt, as its parts have them together',
    'downloaded; built or a stand-in with local',
  ),
} as const

/** All settings of a run, by the names their variables have. */
export type Config = { readonly [Name in keyof typeof variables]: ReturnType<(typeof variables)[Name]['check']> }

/** The region that the zone belongs to: us-west-2 for us-west-2a, and for the Local Zone us-west-2-lax-1a. */
export const regionOf = (config: Pick<Config, 'KUBE_AWS_ZONE'>): string => region(() => config.KUBE_AWS_ZONE)

/** Whether its instances are machines, on which Kubernetes runs; those of the local AWS are so only when they boot. */
export const machinesBoot = (config: Pick<Config, 'KUBERNETES_PROVIDER' | 'KUBE_LOCAL_MACHINES'>): boolean =>
  config.KUBERNETES_PROVIDER === 'aws' || config.KUBE_LOCAL_MACHINES

/** The environment as settings, checked and frozen. Pure. @throws UserError with all mistakes at once. */
export const config = (env: Env): Config => read(variables, env)
