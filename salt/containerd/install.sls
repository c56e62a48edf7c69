{%- from 'map.jinja' import kube with context %}
{%- for name in ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'crictl'] if salt['file.file_exists'](kube.release ~ '/bin/' ~ name) %}
{{ kube.bin }}/{{ name }}:
  file.symlink:
    - target: {{ kube.release }}/bin/{{ name }}
    - force: True
{%- endfor %}

/etc/kube-up/import-image:
  file.managed:
    - source: salt://containerd/files/import-image.sh
    - mode: '0700'
