{%- from 'map.jinja' import kube with context %}
{%- from 'image.jinja' import imported %}
include:
  - containerd

{%- for name in ['kubelet', 'kubectl'] if name == 'kubelet' or kube.role == 'master' %}
{{ kube.bin }}/{{ name }}:
  file.symlink:
    - target: {{ kube.kubernetes }}/{{ name }}
    - force: True
{%- endfor %}
{{ imported(kube.images.pause, kube.release ~ '/images/pause.tar') }}
