{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd
{{ imported('registry.k8s.io/kube-controller-manager:' ~ kube.kubernetesVersion, kube.kubernetes ~ '/kube-controller-manager.tar') }}
