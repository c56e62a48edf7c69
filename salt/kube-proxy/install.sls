{%- from 'map.jinja' import kube with context %}
/etc/kube-up/from-image:
  file.managed:
    - source: salt://kube-proxy/files/from-image.py
    - mode: '0700'

{{ kube.kubernetes }}/kube-proxy:
  cmd.run:
    - name: /etc/kube-up/from-image {{ kube.kubernetes }}/kube-proxy.tar kube-proxy {{ kube.kubernetes }}/kube-proxy
    - creates: {{ kube.kubernetes }}/kube-proxy
    - require:
        - file: /etc/kube-up/from-image

{{ kube.bin }}/kube-proxy:
  file.symlink:
    - target: {{ kube.kubernetes }}/kube-proxy
    - force: True
