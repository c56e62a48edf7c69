{%- from 'map.jinja' import kube with context %}
/opt/cni/bin:
  file.symlink:
    - target: {{ kube.release }}/cni
    - makedirs: True
    - force: True
