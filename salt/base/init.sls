# What Kubernetes expects of the machine itself.
kernel-modules:
  kmod.present:
    - persist: true
    - mods:
        - br_netfilter
        - overlay

{% for setting in ['net.ipv4.ip_forward', 'net.bridge.bridge-nf-call-iptables'] %}
{{ setting }}:
  sysctl.present:
    - value: 1
    - require:
        - kmod: kernel-modules
{% endfor %}
