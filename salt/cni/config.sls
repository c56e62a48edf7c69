{%- from 'map.jinja' import kube with context %}
# containerd fills in the node's range and writes the result to /etc/cni/net.d.
/etc/containerd/cni.json.template:
  file.managed:
    - source: salt://cni/files/cni.json.template
    - makedirs: True

/etc/kube-up/masquerade.nft:
  file.managed:
    - source: salt://cni/files/masquerade.nft
    - template: jinja
    - context:
        pods: {{ kube.clusterIpRange | json }}
        plain: {{ kube.nonMasqueradeCidr | json }}

/etc/systemd/system/kube-up-masquerade.service:
  file.managed:
    - source: salt://cni/files/kube-up-masquerade.service
