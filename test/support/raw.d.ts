// Files that Vite brings into a test as text, since workerd has no file system.
declare module '*?raw' {
  const text: string
  export default text
}
