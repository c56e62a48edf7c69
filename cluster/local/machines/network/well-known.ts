/** Where EC2 keeps the instance metadata service, and its name server under a second address. */
export const metadata = '169.254.169.254'
export const names = '169.254.169.253'

/**
 * The internet, as far as it is in the namespace. Both networks are documentation's (RFC 5737): should a packet ever escape,
 * it reaches nobody. Elastic and public addresses come from the second one.
 */
export const internet = '198.51.100.0/24'
export const publicAddresses = '203.0.113.0/24'

/** The person at the keyboard, as machines and security groups see them. */
export const person = '198.51.100.1'

/** S3, EC2, IAM and the others answer here, and reaching them takes a way to the internet, as on EC2. */
export const endpoints = '198.51.100.10'
