# Which states a machine gets. Applied masterless, by `salt-call --local state.apply`.
base:
  '*':
    - base
    - containerd
    - cni
{%- if pillar.role == 'master' %}
    - etcd
    - kube-apiserver
    - kube-controller-manager
    - kube-scheduler
{%- endif %}
    - kubelet
    - kube-proxy
{%- if pillar.role == 'master' %}
    - addons
{%- endif %}
