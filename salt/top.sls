# Which states a machine gets, in the order in which they are applied. Masterless, by `salt-call --local state.apply`.
base:
  '*':
    - base
    - containerd
    - cni
{%- if pillar.role == 'master' %}
    - etcd
    - kube-apiserver
{%- endif %}
    - kubelet
{%- if pillar.role == 'master' %}
    # Their images while the API starts.
    - kube-controller-manager.install
    - kube-scheduler.install
    - cloud-controller-manager.install
    - addons.install
    - kube-controller-manager
    - kube-scheduler
{%- endif %}
    - kube-proxy
{%- if pillar.role == 'master' %}
    - addons
{%- else %}
    # What runs on every node; it can be Ready without.
    - addons.install
{%- endif %}
