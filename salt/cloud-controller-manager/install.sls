{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd
{{ imported(kube.images['cloud-controller-manager'], kube.release ~ '/images/cloud-controller-manager.tar') }}
