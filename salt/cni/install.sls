{%- from 'map.jinja' import kube with context %}
/opt/cni/bin:
  file.symlink:
    - target: {{ kube.components }}/cni
    - makedirs: True
    - force: True
