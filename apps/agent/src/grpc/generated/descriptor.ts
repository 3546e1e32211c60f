// Made by tools/make-docs.ts from the .proto files one folder up; change those, not this.
import type { fromJSON } from "@grpc/proto-loader";
export const DESCRIPTOR = {
 "nested": {
  "google": {
   "nested": {
    "protobuf": {
     "nested": {
      "Empty": {
       "edition": "proto2",
       "fields": {}
      }
     }
    }
   }
  },
  "rpc": {
   "nested": {
    "CNIBackend": {
     "methods": {
      "AddNetwork": {
       "requestType": "AddNetworkRequest",
       "responseType": "AddNetworkReply"
      },
      "DelNetwork": {
       "requestType": "DelNetworkRequest",
       "responseType": "DelNetworkReply"
      }
     }
    },
    "ConfigServerBackend": {
     "methods": {
      "GetNetworkPolicyConfigs": {
       "requestType": "google.protobuf.Empty",
       "responseType": "NetworkPolicyAgentConfigReply"
      }
     }
    },
    "AddNetworkRequest": {
     "fields": {
      "K8S_POD_NAME": {
       "type": "string",
       "id": 1
      },
      "K8S_POD_NAMESPACE": {
       "type": "string",
       "id": 2
      },
      "K8S_POD_INFRA_CONTAINER_ID": {
       "type": "string",
       "id": 3
      },
      "Netns": {
       "type": "string",
       "id": 4
      },
      "IfName": {
       "type": "string",
       "id": 5
      },
      "NetworkName": {
       "type": "string",
       "id": 6
      },
      "ContainerID": {
       "type": "string",
       "id": 7
      },
      "ClientVersion": {
       "type": "string",
       "id": 8
      },
      "RequiresMultiNICAttachment": {
       "type": "bool",
       "id": 9
      }
     }
    },
    "IPAllocationMetadata": {
     "fields": {
      "IPv4Addr": {
       "type": "string",
       "id": 1
      },
      "IPv6Addr": {
       "type": "string",
       "id": 2
      },
      "DeviceNumber": {
       "type": "int32",
       "id": 3
      },
      "RouteTableId": {
       "type": "int32",
       "id": 4
      }
     }
    },
    "AddNetworkReply": {
     "fields": {
      "Success": {
       "type": "bool",
       "id": 1
      },
      "IPAllocationMetadata": {
       "rule": "repeated",
       "type": "IPAllocationMetadata",
       "id": 2
      },
      "UseExternalSNAT": {
       "type": "bool",
       "id": 5
      },
      "VPCv4CIDRs": {
       "rule": "repeated",
       "type": "string",
       "id": 6
      },
      "PodVlanId": {
       "type": "int32",
       "id": 7
      },
      "PodENIMAC": {
       "type": "string",
       "id": 8
      },
      "PodENISubnetGW": {
       "type": "string",
       "id": 9
      },
      "ParentIfIndex": {
       "type": "int32",
       "id": 10
      },
      "VPCv6CIDRs": {
       "rule": "repeated",
       "type": "string",
       "id": 12
      },
      "NetworkPolicyMode": {
       "type": "string",
       "id": 13
      }
     }
    },
    "DelNetworkRequest": {
     "fields": {
      "K8S_POD_NAME": {
       "type": "string",
       "id": 1
      },
      "K8S_POD_NAMESPACE": {
       "type": "string",
       "id": 2
      },
      "K8S_POD_INFRA_CONTAINER_ID": {
       "type": "string",
       "id": 3
      },
      "Reason": {
       "type": "string",
       "id": 5
      },
      "IfName": {
       "type": "string",
       "id": 6
      },
      "NetworkName": {
       "type": "string",
       "id": 7
      },
      "ContainerID": {
       "type": "string",
       "id": 8
      },
      "ClientVersion": {
       "type": "string",
       "id": 9
      },
      "K8S_POD_UID": {
       "type": "string",
       "id": 10
      }
     }
    },
    "DelNetworkReply": {
     "fields": {
      "Success": {
       "type": "bool",
       "id": 1
      },
      "IPAllocationMetadata": {
       "rule": "repeated",
       "type": "IPAllocationMetadata",
       "id": 2
      },
      "PodVlanId": {
       "type": "int32",
       "id": 4
      },
      "NetworkPolicyMode": {
       "type": "string",
       "id": 6
      }
     }
    },
    "NetworkPolicyAgentConfigReply": {
     "fields": {
      "NetworkPolicyMode": {
       "type": "string",
       "id": 1
      },
      "MultiNICEnabled": {
       "type": "bool",
       "id": 2
      },
      "NodeIPv4": {
       "type": "string",
       "id": 3
      },
      "NodeIPv6": {
       "type": "string",
       "id": 4
      },
      "InstanceID": {
       "type": "string",
       "id": 5
      },
      "Region": {
       "type": "string",
       "id": 6
      }
     }
    }
   }
  },
  "grpc": {
   "nested": {
    "health": {
     "nested": {
      "v1": {
       "nested": {
        "Health": {
         "methods": {
          "Check": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse"
          }
         }
        },
        "HealthCheckRequest": {
         "fields": {
          "service": {
           "type": "string",
           "id": 1
          }
         }
        },
        "HealthCheckResponse": {
         "fields": {
          "status": {
           "type": "ServingStatus",
           "id": 1
          }
         },
         "nested": {
          "ServingStatus": {
           "values": {
            "UNKNOWN": 0,
            "SERVING": 1,
            "NOT_SERVING": 2,
            "SERVICE_UNKNOWN": 3
           }
          }
         }
        }
       }
      }
     }
    }
   }
  }
 }
} as Parameters<typeof fromJSON>[0];
