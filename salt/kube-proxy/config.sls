{%- from 'map.jinja' import kube with context %}
/etc/kubernetes/kube-proxy.conf:
  file.managed:
    - source: salt://kube-proxy/files/kube-proxy.conf
    - template: jinja
    - mode: '0600'
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}

/etc/kubernetes/kube-proxy.yaml:
  file.managed:
    - source: salt://kube-proxy/files/kube-proxy.yaml
    - template: jinja
    - context:
        nodeName: {{ kube.node }}
        pods: {{ kube.clusterIpRange | json }}

/etc/systemd/system/kube-proxy.service:
  file.managed:
    - source: salt://kube-proxy/files/kube-proxy.service
