/** The package has no types; of what it has, this is what is used. */
declare module "@elastic/mockopampserver" {
  import type { AgentToServer } from "@millwright/schema/opamp";

  interface AgentConfigFile {
    readonly body: Uint8Array;
    readonly contentType: string;
  }
  export class MockOpAMPServer {
    constructor(options: {
      readonly logLevel: string;
      readonly hostname: string;
      readonly port: number;
      readonly testMode: boolean;
      readonly agentConfigMap: { readonly configMap: Readonly<Record<string, AgentConfigFile>> };
    });
    readonly endpoint: string;
    start(): Promise<void>;
    close(): Promise<void>;
    getActiveAgent(uid: Uint8Array): { getIdentifyingAttributes(): object } | undefined;
    testGetRequests(): readonly {
      readonly a2s?: AgentToServer;
      readonly err?: Error;
      readonly res?: { readonly statusCode: number };
    }[];
  }
}
