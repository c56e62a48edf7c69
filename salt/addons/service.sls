{%- from 'map.jinja' import kube with context %}
include:
  - kube-apiserver.ready

addons-applied:
  cmd.run:
    - name: /etc/kube-up/apply-addons
    - stateful: True
    - env:
        - NODE: {{ kube.node }}
        - PROVIDER_ID: aws:///{{ kube.zone }}/{{ kube.instance }}
    - require:
        - sls: addons.install
        - sls: addons.config
        - sls: cloud-controller-manager
        - cmd: api-ready
