{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd

{#- Of the addons' images a machine has those that it runs. -#}
{%- for name in ['coredns', 'metrics-server', 'aws-ebs-csi-driver', 'csi-node-driver-registrar', 'csi-provisioner', 'csi-attacher', 'cluster-autoscaler'] %}
{%- if salt['file.file_exists'](kube.release ~ '/images/' ~ name ~ '.tar') %}
{{ imported(kube.images[name], kube.release ~ '/images/' ~ name ~ '.tar') }}
{%- endif %}
{%- endfor %}
