{%- from 'map.jinja' import kube with context %}
/etc/kubernetes/admin.conf:
  file.managed:
    - source: salt://kubelet/files/kubeconfig
    - template: jinja
    - mode: '0600'
    - show_changes: False
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
        user: admin

/etc/kubernetes/addons/nodes.yaml:
  file.managed:
    - source: salt://addons/files/nodes.yaml
    - template: jinja
    - makedirs: True
    - mode: '0600'
    - show_changes: False
    - context:
        pki: {{ kube.pki }}

{%- set addons = {
  'coredns': kube.clusterDns,
  'metrics-server': kube.monitoring == 'metrics-server',
  'aws-ebs-csi-driver': kube.defaultStorageClass,
  'cluster-autoscaler': kube.clusterAutoscaler,
} %}
{%- for addon, wanted in addons.items() %}

/etc/kubernetes/addons/{{ addon }}.yaml:
{%- if wanted %}
  file.managed:
    - source: salt://addons/files/{{ addon }}.yaml
    - template: jinja
    - makedirs: True
    - context:
        kube: {{ kube | json }}
{%- else %}
  file.absent: []
{%- endif %}
{%- endfor %}

/etc/kube-up/apply-addons:
  file.managed:
    - source: salt://addons/files/apply-addons.sh
    - mode: '0700'
