/** What a person is told about a step, each in a sentence or two. */
export interface Text {
  readonly what: string
  readonly why: string
  /** What happens where it is missing. */
  readonly without: string
  /** Commands that show the result; `ids` is what the step said it was about. */
  readonly look?: (ids: readonly string[]) => string[]
  /** What a person who types the commands has to wait for before them. */
  readonly first?: string
}

const describe = (what: string, flag: string) => (ids: readonly string[]) => [
  `aws ec2 describe-${what} --${flag} ${ids.join(' ')}`,
]

/** The steps of kube-up, by the names they have in the journal. */
export const upTexts: Readonly<Record<string, Text>> = {
  'local AWS': {
    what: 'A program on this computer that answers as AWS does.',
    why: 'With it everything can be tried without an account and without a bill; the calls are the same.',
    without: 'The calls would go to AWS itself, as they do with KUBERNETES_PROVIDER=aws.',
    look: ([endpoint]) => [`AWS_ENDPOINT_URL=${endpoint} aws ec2 describe-vpcs`],
  },
  preflight: {
    what: 'Questions before anything is made: who you are, whether the zone exists and has the instance types, and which image is the newest.',
    why: 'Whatever would stop the run half-way is better known while there is nothing to clean up.',
    without: 'A wrong zone or a missing instance type would only show when half of the cluster stands and costs money.',
    look: () => ['aws sts get-caller-identity'],
  },
  name: {
    what: "The master's role, made before anything else: it holds the cluster's name.",
    why: "IAM's names are the only ones that the whole account has once, so whoever makes this role has the name, in every region.",
    without: "Two clusters of one name could grow side by side, and each would take what is the other's for its own.",
    look: ([name]) => [`aws iam get-role --role-name ${name}`],
  },
  'S3 bucket': {
    what: 'A bucket: a place for files that both you and the machines can reach. It is private and encrypted.',
    why: 'Machines fetch everything they install from it with their own rights, so that a node the group adds next month still finds what the first one found.',
    without: 'The machines would boot and have nothing to become a cluster from.',
    look: ([bucket]) => [`aws s3api get-public-access-block --bucket ${bucket}`],
  },
  release: {
    what: 'The files of the cluster, in the bucket: Kubernetes itself, the Salt states that set a machine up, and the script that applies them.',
    why: 'Each lies under the SHA-256 of its contents, so that a file that is there is the right one and is not sent twice.',
    without: 'A machine would have to fetch from the internet, at each boot, whatever is there that day.',
    look: ([place]) => [`aws s3 ls --recursive ${place}`],
  },
  identity: {
    what: "The cluster's certificates and keys: its own authority, and what that signed for the API server, etcd and you.",
    why: 'Everyone in a cluster proves who they are with a certificate. The master fetches its own from the private bucket; a node gets no key but a token to ask with.',
    without:
      'Nobody could tell the real API server from another, and the API server could not tell a node from a stranger.',
  },
  'IAM roles': {
    what: 'A role for each kind of machine, with a policy that names each thing it may do, and an instance profile: the way EC2 hands a role to a machine.',
    why: "A machine acts in your account with its role's rights, and never with your keys. The master may make routes and load balancers; a node hardly anything.",
    without:
      'A machine could not even fetch its files from the private bucket; or it would carry your keys, for whoever breaks in.',
    look: ids => ids.flatMap(name => [`aws iam get-role-policy --role-name ${name} --policy-name ${name}`]),
  },
  'key pair': {
    what: 'The public half of an SSH key; the private half stays on your computer.',
    why: 'It is the only way into a machine to look around.',
    without: 'The machines would run, but when one does not, nobody could log in and see why.',
    look: describe('key-pairs', 'key-names'),
  },
  VPC: {
    what: "A virtual private cloud: a network of the cluster's own, with private addresses that nobody else in AWS sees.",
    why: 'Nothing the cluster does can touch what else runs in the account.',
    without: "The machines would have to live in somebody else's network, among things that are not theirs.",
    look: describe('vpcs', 'vpc-ids'),
  },
  'host names': {
    what: 'Two switches of the VPC: its machines get names, and a DNS server of its own answers for them.',
    why: 'Kubernetes knows each node by the name that AWS gives the machine.',
    without: 'A new VPC gives no host names, and the master could not ask a node for logs by its name.',
    look: ([vpc]) => [`aws ec2 describe-vpc-attribute --vpc-id ${vpc} --attribute enableDnsHostnames`],
  },
  subnet: {
    what: "A part of the VPC's addresses, in one Availability Zone.",
    why: 'Instances live in a subnet, never in a VPC as such; the zone is the building they stand in.',
    without: 'There would be no address to give to a machine, and no place to start it.',
    look: describe('subnets', 'subnet-ids'),
  },
  'internet gateway': {
    what: "The VPC's door to the internet.",
    why: 'Through it you reach the API server, and the machines reach the world.',
    without: 'The VPC would be an island: no kubectl from outside, and no image from any registry.',
    look: describe('internet-gateways', 'internet-gateway-ids'),
  },
  'route table': {
    what: "The subnet's signposts: for each network, where its traffic goes. The rest of the world lies behind the gateway.",
    why: 'A door helps nobody who does not know the way to it. Later each machine gets a line here for the pods it runs.',
    without: 'Packets to anywhere outside the VPC would be dropped, gateway or not.',
    look: describe('route-tables', 'route-table-ids'),
  },
  'security groups': {
    what: "A firewall around each machine, one for the master and one for the nodes. The groups name each other: 'from whoever is in that group' is a rule.",
    why: "Inside the cluster everything may talk to everything; from outside come SSH, from the networks you named, and the API's port 443.",
    without: "The VPC's default group lets machines talk among themselves and nobody in: no SSH and no kubectl.",
    look: describe('security-groups', 'group-ids'),
  },
  'master volume': {
    what: 'A disk of its own for the master, encrypted. etcd lives on it: all that the cluster remembers.',
    why: 'A machine can be lost. Its volume is attached to the next one, which goes on where the first one stopped.',
    without: 'A new master would begin an empty cluster, and forget everything that ran.',
    look: describe('volumes', 'volume-ids'),
  },
  'master address': {
    what: 'An Elastic IP: a public address that is yours until you give it back.',
    why: 'Certificates and kubeconfigs name it, so it may not change with the machine behind it.',
    without: 'After each restart of the master kubectl would knock at an address that now belongs to a stranger.',
    look: describe('addresses', 'allocation-ids'),
  },
  master: {
    what: 'The machine that thinks: API server, scheduler, controllers and etcd.',
    why: 'Everyone, you and the nodes included, talks to its API server alone. Its first-boot script fetches the rest from the bucket.',
    without: 'Nodes would be machines like any others: nobody would tell them what to run.',
    look: describe('instances', 'instance-ids'),
  },
  'master settings': {
    what: 'Asks the master that is there what it was told when it was launched, and compares.',
    why: 'A machine reads its user data once, at its first boot. Other settings reach its successor.',
    without: 'You would wait for an addon that nobody told the master of.',
    look: ([master]) => [`aws ec2 describe-instance-attribute --attribute userData --instance-id ${master}`],
  },
  'master connected': {
    what: 'What outlives the master is given to this one: its address, its volume, and the route to the pods it runs.',
    why: 'EC2 drops packets that are not addressed to the machine itself, as those to pods are; so that check is turned off.',
    without: 'The master would run without its memory, at an address nobody knows, and its pods could not be reached.',
    first: 'aws ec2 wait instance-running --instance-ids "$MASTER"',
    look: ([ip]) => [`aws ec2 describe-addresses --public-ips ${ip}`],
  },
  'launch template': {
    what: 'What a node is made of, written down once: image, size, disk, role, firewall and first-boot script.',
    why: 'The group launches from it whenever it needs another node, also when you are asleep.',
    without: 'Each node would have to be described again by whoever launches it.',
    look: ids => [`aws ec2 describe-launch-template-versions --launch-template-id ${ids[0]}`],
  },
  'launch configuration': {
    what: 'What a node is made of, in the form that launch templates replaced; AWS refuses it to newer accounts.',
    why: 'The group launches from it whenever it needs another node. It is here for those who ask for it.',
    without: 'The group would have nothing to launch.',
    look: ids => [`aws autoscaling describe-launch-configurations --launch-configuration-names ${ids[0]}`],
  },
  nodes: {
    what: 'An Auto Scaling group: it keeps as many nodes as you asked for.',
    why: 'When a node is lost, the group launches another one; when you ask for more, it launches more.',
    without: 'Three nodes would be three until the first one dies, and then two.',
    look: ids => [`aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names ${ids[0]}`],
  },
  'nodes running': {
    what: 'Waiting until as many nodes run as were asked for.',
    why: "A group promises machines and launches them later. Where they do not come, the group's own words say why: a quota, or no room in the zone.",
    without: 'A quota that is too small would only show when the first pod finds no place.',
    look: () => ['aws autoscaling describe-auto-scaling-instances'],
  },
  Kubernetes: {
    what: 'Waiting until the API server answers and each node has said that it is ready.',
    why: 'That a machine runs does not mean that it is a node: it has to install, to ask for a certificate and to report.',
    without: 'The first kubectl would meet a closed door, and nobody would know whether to wait or to worry.',
    look: () => ['kubectl get nodes'],
  },
}

/** The steps of kube-down: what goes, and why at this point of the way back. */
export const downTexts: Readonly<Record<string, string>> = {
  'local AWS': upTexts['local AWS']?.what ?? '',
  look: 'Asks AWS for everything that carries the tag of the cluster. There is no list on this computer that could be wrong.',
  nodes: 'The Auto Scaling group goes first, with its machines: it would replace each one that is ended under it.',
  'launch template': 'Nothing launches from it any more, so it can go.',
  'launch configuration': 'Nothing launches from it any more, so it can go.',
  instances: 'The machines end. Nearly everything else is in use until they are gone, so this is waited for.',
  'what stayed': 'Machines take disks and network interfaces along. Only what stayed behind is left to delete.',
  'load balancers': 'Kubernetes made them for Services. Until they are gone they hold the subnet and the groups.',
  'target groups': 'What load balancers led to; in use until those are gone.',
  'network interfaces': 'One that was left behind would hold its subnet and its security groups.',
  'security groups': 'Each names the other, and what is named cannot go; so they forget each other first.',
  subnet: 'Empty now, so it can go.',
  'route table': 'Its subnet is gone, and with it what kept the table.',
  routes: 'The table is yours and stays; what led to machines of the cluster goes.',
  'shared tags': 'What is yours stays, without the tag that said the cluster uses it.',
  'internet gateway': 'Detached and deleted, as soon as no public address is mapped in the VPC any more.',
  VPC: 'The last of the network: nothing is left in it.',
  'master address': 'Given back. An address costs money for as long as it is yours, used or not.',
  volumes: 'The disks go, and with them all that the cluster remembered.',
  'key pair': 'AWS forgets the public half; the key on your computer stays.',
  'IAM roles': 'Role and instance profile come apart and go; no machine is left that could use them.',
  'S3 bucket': 'Emptied and deleted. Of a bucket that is yours, only what the cluster put there goes.',
  'look again': 'Asks AWS once more, kind by kind, whether anything is left.',
}
