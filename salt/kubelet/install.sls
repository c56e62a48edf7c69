{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd

{%- for name in ['kubelet', 'kubectl'] %}
{{ kube.bin }}/{{ name }}:
  file.symlink:
    - target: {{ kube.kubernetes }}/{{ name }}
    - force: True
{%- endfor %}
{{ imported(kube.images.pause, kube.components ~ '/images/pause.tar') }}
