"""What a decoder answers without any label: how likely it finds sentences about a finding."""
