import { AwsError, invalidValue } from "../../aws-error.ts";

/** AWS: "Run commands when you launch an EC2 instance", before base64. */
const USER_DATA_BYTES_MAX = 16_384;

/** @throws {AwsError} for user data that is not base64, or too long */
export function checkUserData(userData: string | undefined): void {
  if (userData === undefined || userData === "") return;
  const digits = userData.replaceAll(/[\r\n]/g, "");
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(digits) && digits.length % 4 === 0;
  if (!isBase64) throw new AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  if (Buffer.byteLength(digits, "base64") > USER_DATA_BYTES_MAX) throw invalidValue(`User data is limited to ${USER_DATA_BYTES_MAX} bytes`);
}
