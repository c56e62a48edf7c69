import type { Size } from './size.ts'

export interface Hardware {
  readonly instance: string
  readonly rootVolume: string
  readonly mac: string
  readonly tap: string
  readonly size: Size
  readonly accelerator: 'kvm' | 'tcg'
  readonly kernel: string
  readonly initrd: string
  readonly disk: string
  readonly console: string
  readonly monitor: string
}

/** PCIe ports that wait for volumes: a q35 machine accepts a disk while it runs only behind a port of its own. */
export const ports = ['port1', 'port2', 'port3', 'port4', 'port5', 'port6', 'port7', 'port8'] as const

/** An EBS volume's serial number is its id without the dash, and the link under /dev/disk/by-id is made from it. */
export const serial = (volume: string) => volume.replace('-', '')

/** How cloud-init knows an EC2 instance: by the firmware's words, and a UUID that begins with ec2. */
const smbios = (instance: string) => {
  const uuid = `ec2${instance.slice(2).padStart(29, '0').slice(-29)}`.replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  )
  return [
    'type=0,vendor=Amazon EC2,version=1.0',
    `type=1,manufacturer=Amazon EC2,product=kube-up.local,uuid=${uuid},serial=${uuid}`,
    `type=2,manufacturer=Amazon EC2,asset=${instance}`,
    `type=3,manufacturer=Amazon EC2,asset=${instance}`,
  ].flatMap(words => ['-smbios', words])
}

/** The command line of one machine. Pure: what QEMU is told can be read and tested without starting it. */
export const qemu = (machine: Hardware): string[] => [
  ...['-name', machine.instance, '-machine', 'q35', '-nodefaults', '-no-user-config', '-display', 'none'],
  ...(machine.accelerator === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : // Copying by `rep movsb` is what fast string operations are for, and what emulation is slowest at: three times slower than plain moves.
      ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max,-erms,-fsrm']),
  ...['-smp', String(machine.size.cpus), '-m', String(machine.size.memoryMiB)],
  ...['-kernel', machine.kernel, '-initrd', machine.initrd],
  ...['-append', 'root=LABEL=root rw console=ttyS0 panic=-1 net.ifnames=0'],
  // A crash of the host may cost the disk of an instance, as the loss of an EC2 host does; a flush per write costs minutes.
  ...['-drive', `file=${machine.disk},format=qcow2,if=none,id=root,cache=unsafe,discard=unmap`],
  ...['-device', `nvme,serial=${serial(machine.rootVolume)},drive=root`],
  ...['-netdev', `tap,id=eth0,ifname=${machine.tap},script=no,downscript=no`],
  ...['-device', `virtio-net-pci,netdev=eth0,mac=${machine.mac},romfile=`],
  ...['-device', 'virtio-rng-pci'],
  ...ports.flatMap((port, at) => ['-device', `pcie-root-port,id=${port},chassis=${at + 1},slot=${at + 1}`]),
  // A guest that powers itself off stays paused, so that whoever looks later can tell it from one that was killed.
  ...['-action', 'shutdown=pause'],
  ...['-chardev', `file,id=console,path=${machine.console},append=on`, '-serial', 'chardev:console'],
  ...['-qmp', `unix:${machine.monitor},server=on,wait=off`],
  ...smbios(machine.instance),
]
