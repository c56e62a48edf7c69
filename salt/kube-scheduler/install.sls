{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd
{{ imported('registry.k8s.io/kube-scheduler:' ~ kube.kubernetesVersion, kube.kubernetes ~ '/kube-scheduler.tar') }}
